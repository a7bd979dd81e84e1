"""From what is in an image to the list of changes that is wanted.

The order of the changes is what makes an interruption harmless. Putting in: the record comes first,
our files next, the hive last. Taking out: the hive first, our files next, the record last. So
SYSTEM is always the one before or the one after, and whatever else is there is in the record.
"""
import enum
import os
from dataclasses import dataclass, field

from . import changes as ch
from . import disk, hive, paths, pe, record, registry
from .record import Record
from .refusal import Refusal

SYSTEM_FOLDER = r"Windows\System32"
WDS = SYSTEM_FOLDER + r"\wdspxe.dll"
WDS_SERVICE = "WDSServer"
SYSTEM_DLLS = (r"Windows\System32\ntdll.dll", r"Windows\System32\kernel32.dll")
PROGRAM = "wdspxectl.exe"
SETTINGS = "staticpxe.ini"


class State(enum.Enum):
    ABSENT = "not installed"
    HALF = "not installed (a run was cut short: its files are there, the registration is not)"
    INSTALLED = "installed"
    CHANGED = "installed, and SYSTEM was changed since"


@dataclass
class Found:
    state: State
    hive: str                  # SYSTEM, as a file of this machine
    record: Record = None


@dataclass
class Removal:
    """How to get to an image without us: nothing to do if there is none."""
    hive: str                  # SYSTEM as it will be then
    changes: list = field(default_factory=list)
    registry: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    gone: set = field(default_factory=set)      # paths in upper case


@dataclass
class Installation:
    record: Record
    changes: list
    registry: list
    notes: list


def look(image):
    """What there is of us in the image."""
    if not image.exists(record.HIVE):
        raise Refusal("it is no Windows: it has no %s" % record.HIVE)
    system = image.fetch(record.HIVE)
    if not image.exists(record.FOLDER):
        return Found(State.ABSENT, system)
    if not image.exists(record.FILE):
        _refuse_strangers(image, [record.FRESH])
        return Found(State.HALF, system)
    with open(image.fetch(record.FILE), encoding="utf-8", errors="replace") as file:
        found = record.from_json(file.read())
    _refuse_strangers(image, [record.FILE, record.FRESH, record.HIVE_KEPT, *found.kept.values()])
    digest = disk.sha256(system)
    if digest == found.hive_after:
        return Found(State.INSTALLED, system, found)
    state = State.HALF if digest == found.hive_before else State.CHANGED
    return Found(state, system, found)


def _refuse_strangers(image, known):
    known = {path.upper() for path in known}
    for name in image.names(record.FOLDER):
        path = paths.join(record.FOLDER, name)
        if path.upper() not in known:
            raise Refusal("%s is not of this tool" % path)


# ---- taking out ----------------------------------------------------------------------------------


def remove(image, found, options, work):
    """The way back. `work` is a folder for a hive that has to be written for it."""
    removal = Removal(found.hive)
    if found.state is State.ABSENT:
        return removal
    if image.exists(record.FRESH):
        removal.changes.append(ch.Drop(record.FRESH))
    if found.record is None:
        removal.changes.append(ch.RemoveFolder(record.FOLDER))
        return removal
    _refuse_changed_files(image, found, options)
    _remove_hive(image, found, options, work, removal)
    for path in found.record.files:
        _remove_file(image, found, path, removal)
    _remove_folders(image, found.record, removal)
    removal.changes += [ch.Drop(record.FILE), ch.RemoveFolder(record.FOLDER)]
    for path, time in found.record.times.items():
        if image.time(path) is not None:
            removal.changes.append(ch.SetTime(path, time))
    return removal


def changed_files(image, found):
    """Those files of ours that somebody changed since."""
    return [path for path, digest in found.record.files.items()
            if image.exists(path) and disk.sha256(image.fetch(path)) != digest
            and not (found.state is State.HALF and path in found.record.kept)]


def _refuse_changed_files(image, found, options):
    spared = paths.join(found.record.folder, SETTINGS) if options.keeps_settings else None
    changed = [path for path in changed_files(image, found) if path != spared]
    if changed and not options.discard_changes:
        raise Refusal("changed since they were put there: %s (--discard-changes drops them)"
                      % ", ".join(changed))


def _remove_hive(image, found, options, work, removal):
    kept = image.exists(record.HIVE_KEPT)
    if found.state is State.INSTALLED:
        if not kept or disk.sha256(image.fetch(record.HIVE_KEPT)) != found.record.hive_before:
            raise Refusal("%s is not the SYSTEM that was kept there" % record.HIVE_KEPT)
        removal.hive = image.fetch(record.HIVE_KEPT)
        removal.changes.append(ch.Restore(record.HIVE_KEPT, record.HIVE))
        return
    if found.state is State.CHANGED:
        _cut_out(found, options, work, removal)
    if kept:
        removal.changes.append(ch.Drop(record.HIVE_KEPT))


def _cut_out(found, options, work, removal):
    if not options.cut_out:
        raise Refusal("SYSTEM was changed since the install, and the one from before would undo "
                      "that too (--cut-out takes only our registration out of it)")
    removal.registry = registry.take_out(hive.Hive(found.hive, record.HIVE), found.record)
    if removal.registry:
        removal.hive = os.path.join(work, "SYSTEM.without")
        hive.edit(found.hive, removal.hive, removal.registry, record.HIVE)
        removal.changes.append(_put(record.HIVE, removal.hive))


def _remove_file(image, found, path, removal):
    kept = found.record.kept.get(path)
    if kept is None:
        if image.exists(path):
            removal.changes.append(ch.Drop(path))
            removal.gone.add(path.upper())
    elif image.exists(kept):
        removal.changes.append(ch.Restore(kept, path))
    elif found.state is not State.HALF:
        raise Refusal("the original of %s is missing: %s" % (path, kept))


def _remove_folders(image, found, removal):
    for path in reversed(found.folders):
        if not image.is_folder(path):
            continue
        left = [name for name in image.names(path)
                if paths.join(path, name).upper() not in removal.gone]
        if left:
            removal.notes.append("%s stays, for it has %s" % (path, ", ".join(left)))
        else:
            removal.changes.append(ch.RemoveFolder(path))
            removal.gone.add(path.upper())


# ---- putting in ----------------------------------------------------------------------------------


def install(image, options, found, removal, work, original=""):
    """`removal` is what will be done first; `work` is a folder for what has to be written;
    `original` is the checksum of the WIM that is kept."""
    new = Record(machine=_machine(image), folder=options.folder,
                        hive_before=disk.sha256(removal.hive), hive_after="",
                        service="" if options.no_service else registry.SERVICE,
                        providers=[provider.name for provider in options.providers],
                        original=original)
    sources = _sources(image, options, new, found, work)
    notes = []
    start = _start(image, options, removal.hive, notes)
    new.files = {path: disk.sha256(source) for path, source in sources.items()}
    _choose_kept(image, options, new, removal)
    new.folders = _missing_folders(image, new, removal)
    new.times = _times(image, new, found)
    edit = _edit_hive(options, new, removal.hive, start, work)
    if paths.join(options.folder, SETTINGS) not in new.files and options.has_staticpxe:
        notes.append("staticpxe answers nobody until there is %s"
                     % paths.join(options.folder, SETTINGS))
    return Installation(new, _install_changes(new, sources, work), edit.changes, notes)


def _machine(image):
    for path in SYSTEM_DLLS:
        if image.exists(path):
            return pe.machine(image.fetch(path), path)
    raise Refusal("it is no Windows: it has no %s" % SYSTEM_DLLS[0])


def _sources(image, options, new, found, work):
    """{path in the image: file of this machine}; all are for the image's machine."""
    sources = {}
    for name, source in options.sources(new.machine).items():
        if not os.path.isfile(source):
            raise Refusal("it is for %s, and there is no %s" % (new.machine, source))
        if os.path.splitext(name)[1].lower() in (".dll", ".exe"):
            machine = pe.machine(source, source)
            if machine != new.machine:
                raise Refusal("it is for %s, and %s for %s" % (new.machine, source, machine))
        sources[paths.join(options.folder, name)] = source
    settings = paths.join(options.folder, SETTINGS)
    if options.keeps_settings and found.record and settings in found.record.files \
            and image.exists(settings):
        # The ones that are there may have been edited; they are taken along.
        sources[settings] = os.path.join(work, SETTINGS)
        disk.copy(image.fetch(settings), sources[settings])
    return sources


def _start(image, options, before, notes):
    """When the service starts; None: there is none. Two servers for one port are never started by
    themselves."""
    replaces = paths.same(options.folder, SYSTEM_FOLDER)
    starts = registry.starts_itself(hive.Hive(before, record.HIVE), WDS_SERVICE)
    if image.exists(WDS) and not replaces and not options.beside_wds:
        raise Refusal("Windows Deployment Services are in it (%s); --beside-wds installs beside "
                      "them, not to start by itself" % WDS)
    if replaces and (image.exists(WDS) or starts):
        notes.append("WDSServer will load this wdspxe.dll in place of Microsoft's, find no init "
                     "routine in it (it looks for WDSPXEInit), and go on without PXE; other parts "
                     "of it still run")
    elif image.exists(WDS):
        notes.append("Windows Deployment Services will load our providers too: the list is one")
    if options.no_service:
        return None
    if starts and options.start == "auto":
        raise Refusal("WDSServer starts by itself in it: two servers for one port (--start demand, "
                      "or --no-service)")
    if starts and options.start is None:
        notes.append("WDSServer starts by itself in it, so the service wdspxe does not: start it "
                     "when WDSServer is disabled")
    return options.start or ("demand" if image.exists(WDS) or starts else "auto")


def _choose_kept(image, options, new, removal):
    there = [path for path in new.files
             if image.exists(path) and path.upper() not in removal.gone]
    if there and not options.replace:
        raise Refusal("it has %s already, and not from this tool (--replace keeps the original "
                      "for --revert)" % ", ".join(there))
    new.kept = {path: paths.join(record.FOLDER, "original-%d" % number)
                for number, path in enumerate(there, 1)}


def _missing_folders(image, new, removal):
    wanted = dict.fromkeys(folder for path in new.files for folder in paths.above(path))
    missing = []
    for path in wanted:
        if not image.exists(path) or path.upper() in removal.gone:
            missing.append(path)
        elif not image.is_folder(path):
            raise Refusal("%s is a file" % path)
    return missing


def _times(image, new, found):
    """The times of the folders that will get an entry more."""
    changed = {paths.above(path)[-1] for path in (record.FOLDER, *new.files)}
    changed.update(paths.above(path)[-1] for path in new.folders if paths.above(path))
    before = found.record.times if found.record else {}
    times = {path: before.get(path) or image.time(path)
             for path in sorted(changed) if path not in new.folders}
    return {path: time for path, time in times.items() if time is not None}


def _edit_hive(options, new, before, start, work):
    root = "%SystemDrive%\\" + options.folder
    providers = [registry.Provider(provider.name, paths.join(root, provider.file),
                                   provider.critical) for provider in options.providers]
    edit = registry.put_in(hive.Hive(before, record.HIVE), providers, paths.join(root, PROGRAM),
                           start)
    after = os.path.join(work, "SYSTEM.with")
    hive.edit(before, after, edit.changes, record.HIVE)
    new.hive_after = disk.sha256(after)
    new.keys = edit.keys
    new.order_made = edit.order_made
    return edit


def _install_changes(new, sources, work):
    own = os.path.join(work, "record.json")
    with open(own, "w", encoding="utf-8") as file:
        file.write(new.to_json())
    changes = [ch.MakeFolder(record.FOLDER), _put(record.FILE, own)]
    changes += [ch.MakeFolder(path) for path in new.folders]
    for path, source in sources.items():
        if path in new.kept:
            changes.append(ch.Keep(path, new.kept[path]))
        changes.append(_put(path, source))
    changes.append(ch.Keep(record.HIVE, record.HIVE_KEPT))
    changes.append(_put(record.HIVE, os.path.join(work, "SYSTEM.with")))
    return changes


def _put(path, source):
    return ch.Put(path, source, disk.sha256(source))


# ---- proof ---------------------------------------------------------------------------------------


def prove(image, changes):
    """Reads back what the changes wrote; `image` is as it is after them."""
    wanted = {}
    for change in changes:
        if isinstance(change, ch.Put):
            wanted[change.path] = change.sha256
        elif isinstance(change, (ch.Drop, ch.Restore)):
            wanted.pop(change.path, None)
    for path, digest in wanted.items():
        if not image.exists(path) or disk.sha256(image.fetch(path)) != digest:
            raise Refusal("%s is not there as it was written" % path)
