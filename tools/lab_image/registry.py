"""Our registration in the SYSTEM hive of a Windows that does not run.

Both functions only look and return a list of changes (hive.py); nothing of others is in it.
"""
import struct
from dataclasses import dataclass

from . import hive as hv
from .refusal import Refusal

SERVICE = "wdspxe"
DISPLAY_NAME = "wdspxe PXE server"
DESCRIPTION = ("Tells machines that start from the network where to boot from, through the registered "
               "providers (wdspxe.dll).")
ACCOUNT = r"NT AUTHORITY\LocalService"
OWN_PROCESS, LOG_ERROR = 0x10, 1
STARTS = {"auto": 2, "demand": 3, "disabled": 4}
# Started again after 5, 30 and 60 s, then no more until an hour has passed without a failure:
# SERVICE_FAILURE_ACTIONS as it is stored.
FAILURE_ACTIONS = struct.pack("<5I8I", 3600, 0, 0, 4, 20, 1, 5000, 1, 30000, 1, 60000, 0, 0)
# Two that every account has; to name them takes the others away.
PRIVILEGES = ["SeChangeNotifyPrivilege", "SeCreateGlobalPrivilege"]
SID_UNRESTRICTED = 1
SERVER = ("WDSServer", "Providers", "WDSPXE")
ORDER = "ProvidersOrder"
DLL, CRITICAL = "ProviderDLL", "IsCritical"


@dataclass
class Provider:
    name: str
    dll: str       # as Windows will expand it
    critical: bool


@dataclass
class Edit:
    changes: list
    keys: list         # that are made, "A\\B" below the services key, outermost first
    order_made: bool


def services_key(hive):
    """The path of the services key in the control set that Windows will use."""
    current, default = (_select(hive, name) for name in ("Current", "Default"))
    if current is None:
        raise Refusal("%s has no Select\\Current: it is not the SYSTEM hive of a Windows"
                      % hive.name)
    if default not in (None, current):
        raise Refusal("%s: control set %d is current and %d the default; which one counts is not "
                      "sure" % (hive.name, current, default))
    path = ("ControlSet%03d" % current, "Services")
    if not hive.has(path):
        raise Refusal("%s has no %s" % (hive.name, "\\".join(path)))
    return path


def _select(hive, name):
    found = hive.value(("Select",), name)
    if found is None or found[1] != hv.DWORD or len(found[2]) != 4:
        return None
    return struct.unpack("<I", found[2])[0]


def starts_itself(hive, service):
    """Whether the Windows starts that service without being asked."""
    found = hive.value(services_key(hive) + (service,), "Start")
    return (found is not None and found[1] == hv.DWORD and len(found[2]) == 4
            and struct.unpack("<I", found[2])[0] <= STARTS["auto"]
            and hive.value(services_key(hive) + (service,), "ImagePath") is not None)


def provider_order(hive, services):
    """(name as it is written, names of providers); empty if there is none."""
    found = hive.value(services + SERVER, ORDER)
    if found is None:
        return ORDER, []
    name, kind, data = found
    if kind != hv.MULTI_SZ or len(data) % 2:
        raise Refusal("%s: %s is no list of strings" % (hive.name, "\\".join(
            services + SERVER + (name,))))
    return name, hv.strings_of(data)


def _provider_key(services, name):
    return services + SERVER + ("Providers", name)


# ---- in ------------------------------------------------------------------------------------------


def put_in(hive, providers, program, start):
    """The changes that register the providers and the service `program`; `start` None: no service."""
    services = services_key(hive)
    _refuse_taken(hive, services, providers, start is not None)
    edit = Edit([], [], False)
    folders = services + SERVER + ("Providers",)
    for length in range(len(services) + 1, len(folders) + 1):
        if not hive.has(folders[:length]):
            _add_key(edit, services, folders[:length])
    for provider in providers:
        key = _provider_key(services, provider.name)
        _add_key(edit, services, key)
        _set(edit, key, DLL, hv.text(provider.dll, hv.EXPAND_SZ))
        _set(edit, key, CRITICAL, hv.dword(int(provider.critical)))
    order_name, order = provider_order(hive, services)
    edit.order_made = hive.value(services + SERVER, ORDER) is None
    _set(edit, services + SERVER, order_name,
         hv.strings(order + [provider.name for provider in providers]))
    if start is not None:
        _put_service(edit, services, program, start)
    return edit


def _refuse_taken(hive, services, providers, with_service):
    if with_service and hive.has(services + (SERVICE,)):
        raise Refusal("%s has a service '%s' that this tool did not put there"
                      % (hive.name, SERVICE))
    taken = {name.upper() for name in provider_order(hive, services)[1]}
    for provider in providers:
        key = _provider_key(services, provider.name)
        if hive.has(key) or provider.name.upper() in taken:
            found = hive.value(key, DLL)
            raise Refusal("%s has a provider '%s' already%s" % (
                hive.name, provider.name, " (%s)" % hv.text_of(found[2]) if found else ""))


def _put_service(edit, services, program, start):
    """What `wdspxectl service install` makes of a Windows that runs."""
    key = services + (SERVICE,)
    _add_key(edit, services, key)
    _set(edit, key, "Type", hv.dword(OWN_PROCESS))
    _set(edit, key, "Start", hv.dword(STARTS[start]))
    _set(edit, key, "ErrorControl", hv.dword(LOG_ERROR))
    _set(edit, key, "ImagePath", hv.text('"%s" service run' % program, hv.EXPAND_SZ))
    _set(edit, key, "DisplayName", hv.text(DISPLAY_NAME))
    _set(edit, key, "Description", hv.text(DESCRIPTION))
    _set(edit, key, "ObjectName", hv.text(ACCOUNT))
    _set(edit, key, "FailureActions", (hv.BINARY, FAILURE_ACTIONS))
    _set(edit, key, "FailureActionsOnNonCrashFailures", hv.dword(1))
    _set(edit, key, "RequiredPrivileges", hv.strings(PRIVILEGES))
    _set(edit, key, "ServiceSidType", hv.dword(SID_UNRESTRICTED))


def _add_key(edit, services, path):
    edit.changes.append(hv.AddKey(path))
    edit.keys.append("\\".join(path[len(services):]))


def _set(edit, path, name, typed):
    edit.changes.append(hv.SetValue(path, name, *typed))


# ---- out -----------------------------------------------------------------------------------------


def take_out(hive, record):
    """The changes that take the registration of the record out of a hive that others changed too."""
    services = services_key(hive)
    gone, changes = set(), []

    def remove(path):
        changes.append(hv.RemoveKey(path))
        gone.add(_folded(path))

    for path in [services + (name,) for name in [record.service] if name] + [_provider_key(services, name)
                                           for name in record.providers]:
        if hive.has(path):
            remove(path)
    order_stays = _take_out_order(hive, services, record, changes)
    for key in reversed(record.keys):
        path = services + tuple(key.split("\\"))
        if _folded(path) in gone or not hive.has(path):
            continue
        empty = not hive.values(path) or (path == services + SERVER and not order_stays
                                          and len(hive.values(path)) == 1)
        if empty and all(_folded(path + (child,)) in gone for child in hive.children(path)):
            remove(path)
    return changes


def _folded(path):
    return tuple(name.upper() for name in path)


def _take_out_order(hive, services, record, changes):
    """Adds the change of the provider order; whether there is an order afterwards."""
    found = hive.value(services + SERVER, ORDER)
    if found is None:
        return False
    name, order = provider_order(hive, services)
    ours = {each.upper() for each in record.providers}
    rest = [each for each in order if each.upper() not in ours]
    if rest or not record.order_made:
        if rest != order:
            changes.append(hv.SetValue(services + SERVER, name, *hv.strings(rest)))
        return True
    changes.append(hv.RemoveValue(services + SERVER, name))
    return False


# ---- what is there -------------------------------------------------------------------------------


def describe_service(hive, services):
    """Our service in words."""
    key = services + (SERVICE,)
    if not hive.has(key):
        return "none"
    words = [SERVICE]
    for name in ("Start", "ImagePath", "ObjectName"):
        found = hive.value(key, name)
        if found:
            words.append("%s=%s" % (name, hv.shown(*found[1:])))
    return " ".join(words)
