/* The registry values that configure the server. */
#include "wdspxe_ext.h"

#include <string.h>

#include "base/caller.h"
#include "base/mem.h"
#include "win32/registry/settings_winreg.h"

static ULONG flags_of(const struct setting *setting)
{
    return (setting->effect == SETTING_LIVE ? WDSPXE_EXT_SETTING_LIVE : 0u) |
           (setting->effect == SETTING_UNUSED ? WDSPXE_EXT_SETTING_UNUSED : 0u) |
           (setting->is_ours ? WDSPXE_EXT_SETTING_OURS : 0u) |
           (setting->is_hexadecimal ? WDSPXE_EXT_SETTING_HEX : 0u) |
           (setting_is_vital(setting) ? WDSPXE_EXT_SETTING_VITAL : 0u);
}

DWORD PXEAPI WdsPxeExtSettingDescribe(ULONG uIndex, WDSPXE_EXT_SETTING *pSetting)
{
    if (pSetting == NULL || pSetting->uSizeOfStruct != sizeof(*pSetting))
        return ERROR_INVALID_PARAMETER;
    if (uIndex >= SETTING_COUNT)
        return ERROR_NO_MORE_ITEMS;
    const struct setting *setting = setting_at((enum setting_id)uIndex);
    *pSetting = (WDSPXE_EXT_SETTING){
        .uSizeOfStruct = sizeof(*pSetting),
        .uFlags = flags_of(setting),
        .pszName = setting->name,
        .pszKey = settings_winreg_path(setting),
        .dwType = setting->type,
        .dwMinimum = setting->minimum,
        .dwMaximum = setting->maximum,
        .dwDefault = setting->number,
        .pszDefault = setting->text != NULL ? setting->text : "",
        .pszForm = setting->form,
        .pszMeaning = setting->meaning,
    };
    return ERROR_SUCCESS;
}

/* The problem is plain characters. */
static void problem_copy(const char *problem, LPWSTR out_problem, ULONG room)
{
    ULONG i = 0;

    if (out_problem == NULL || room == 0)
        return;
    for (; problem[i] != '\0' && i < room - 1; i++)
        out_problem[i] = (WCHAR)problem[i];
    out_problem[i] = L'\0';
}

/* `value` is a copy: the caller's bytes may lie anywhere. */
static DWORD check(const struct setting *setting, DWORD type, const struct caller_copy *data,
                   char *out_problem)
{
    const struct setting_value value = {type, data->length, (uint16_t *)(void *)data->bytes};

    return setting_check(setting, &value, out_problem) ? ERROR_SUCCESS : ERROR_INVALID_DATA;
}

DWORD PXEAPI WdsPxeExtSettingCheck(LPCWSTR pszName, DWORD dwType, const VOID *pData, ULONG cbData,
                                   LPWSTR pszProblem, ULONG cchProblem)
{
    char problem[SETTING_PROBLEM_SIZE];
    struct caller_copy data;

    if (pszName == NULL || (pData == NULL && cbData > 0))
        return ERROR_INVALID_PARAMETER;
    const struct setting *setting = setting_find(pszName);
    if (setting == NULL)
        return ERROR_NOT_FOUND;
    if (!caller_copy_take(&data, pData, cbData))
        return ERROR_NOT_ENOUGH_MEMORY;
    DWORD status = check(setting, dwType, &data, problem);
    caller_copy_release(&data);
    if (status == ERROR_INVALID_DATA)
        problem_copy(problem, pszProblem, cchProblem);
    return status;
}

/* Into memory that has been touched. */
static DWORD value_out(const struct setting_value *value, DWORD *type, void *data, ULONG room,
                       ULONG *out_size)
{
    if (value->size <= room && value->size > 0)
        memcpy(data, value->units, value->size);
    *out_size = (ULONG)value->size;
    *type = value->type;
    return value->size <= room ? ERROR_SUCCESS : ERROR_MORE_DATA;
}

DWORD PXEAPI WdsPxeExtSettingRead(LPCWSTR pszName, DWORD *pdwType, VOID *pData, ULONG *pcbData)
{
    const struct settings_port *port = settings_winreg_port();
    struct setting_value value;

    if (pszName == NULL || pdwType == NULL || pcbData == NULL)
        return ERROR_INVALID_PARAMETER;
    const ULONG room = *pcbData;
    if (pData == NULL && room > 0)
        return ERROR_INVALID_PARAMETER;
    const struct setting *setting = setting_find(pszName);
    if (setting == NULL)
        return ERROR_NOT_FOUND;
    caller_touch(pdwType, sizeof(*pdwType));
    caller_touch(pcbData, sizeof(*pcbData));
    caller_touch(pData, room);
    DWORD status = port->read(port->context, setting, &value);
    if (status != ERROR_SUCCESS)
        return status;
    status = value_out(&value, pdwType, pData, room, pcbData);
    mem_free(value.units);
    return status;
}

DWORD PXEAPI WdsPxeExtSettingWrite(LPCWSTR pszName, DWORD dwType, const VOID *pData, ULONG cbData)
{
    char problem[SETTING_PROBLEM_SIZE];
    struct caller_copy data;

    if (pszName == NULL || (pData == NULL && cbData > 0))
        return ERROR_INVALID_PARAMETER;
    const struct setting *setting = setting_find(pszName);
    if (setting == NULL)
        return ERROR_NOT_FOUND;
    if (pData == NULL)
        return settings_winreg_delete(setting);
    if (!caller_copy_take(&data, pData, cbData))
        return ERROR_NOT_ENOUGH_MEMORY;
    DWORD status = check(setting, dwType, &data, problem);
    if (status == ERROR_SUCCESS)
        status = settings_winreg_write(setting, dwType, data.bytes, cbData);
    caller_copy_release(&data);
    return status;
}
