/* A DLL that a provider brings along. */
__declspec(dllexport) const char *rob_helper_file(void);

const char *rob_helper_file(void)
{
    return "helper.0";
}
