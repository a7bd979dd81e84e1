"""What is to be done with the images of one target: install, revert or list."""
import os
from dataclasses import dataclass, field

from . import hive, plan, record, registry
from .plan import State
from .refusal import Refusal

FILES = ("wdspxe.dll", "wdsbp.dll", "wdspxectl.exe")
STATICPXE = "staticpxe.dll"


@dataclass
class Provider:
    name: str
    source: str            # file of this machine; None: staticpxe.dll of the build
    critical: bool = False

    @property
    def file(self):
        return STATICPXE if self.source is None else os.path.basename(self.source)


@dataclass
class Options:
    build: str                                     # folder that has win-x64/bin and so on
    bin: str = None                                # or the very folder of the built files
    folder: str = r"Program Files\wdspxe"
    providers: list = field(default_factory=lambda: [Provider("staticpxe", None)])
    extra: list = field(default_factory=list)      # more files for the folder
    ini: str = None
    start: str = None
    no_service: bool = False
    replace: bool = False
    beside_wds: bool = False
    cut_out: bool = False
    discard_changes: bool = False
    dry_run: bool = False
    reverting: bool = False

    @property
    def has_staticpxe(self):
        return any(provider.file == STATICPXE for provider in self.providers)

    @property
    def keeps_settings(self):
        """Whether settings that are there are to stay."""
        return not self.reverting and self.ini is None

    def sources(self, machine):
        """{name: file of this machine}, of all that goes into the folder."""
        built = self.bin or os.path.join(self.build, "win-" + machine, "bin")
        sources = {name: os.path.join(built, name) for name in FILES}
        for provider in self.providers:
            sources[provider.file] = provider.source or os.path.join(built, STATICPXE)
        if self.ini:
            sources[plan.SETTINGS] = self.ini
        for path in self.extra:
            sources[os.path.basename(path)] = path
        return sources


def _say(line, indent=2):
    print(" " * indent + line)


def _show(changes, entries):
    for change in changes:
        _say(str(change))
    for entry in entries:
        _say(str(entry))


def _folder_for(image, work):
    folder = os.path.join(work, "image-%d" % getattr(image, "index", 0))
    os.makedirs(folder, exist_ok=True)
    return folder


def _for_each(images, function):
    """Runs it for every image; a refusal says which one it was."""
    for image in images:
        try:
            yield image, function(image)
        except Refusal as refusal:
            raise Refusal("%s%s" % (image.which, refusal)) from None


# ---- install -------------------------------------------------------------------------------------


def install(target, images, options, work):
    """Puts us into the images; what an earlier run put there is taken out first."""
    original = target.original_sum()

    def plan_one(image):
        folder = _folder_for(image, work)
        found = plan.look(image)
        removal = plan.remove(image, found, options, folder)
        return found, removal, plan.install(image, options, found, removal, folder, original)

    todo = []
    for image, (found, removal, new) in _for_each(images, plan_one):
        if found.state is State.INSTALLED and new.record == found.record:
            print("%s: all of this is there already (%s)" % (image.label, new.record.machine))
            continue
        print("%s: %s in %s (%s)" % (image.label, "install" if found.record is None else
                                     "install anew", new.record.folder, new.record.machine))
        _show(removal.changes + new.changes, removal.registry + new.registry)
        for note in new.notes:
            _say("note: " + note)
        todo.append((image, removal.changes + new.changes))
    _commit(target, todo, options)


def revert(target, images, options, work):
    """Takes us out of the images."""
    def plan_one(image):
        found = plan.look(image)
        return found, plan.remove(image, found, options, _folder_for(image, work))

    todo = []
    for image, (found, removal) in _for_each(images, plan_one):
        if found.state is State.ABSENT:
            print("%s: not installed" % image.label)
            continue
        print("%s: revert" % image.label)
        _show(removal.changes, removal.registry)
        for note in removal.notes:
            _say("note: " + note)
        todo.append((image, removal.changes))
    _commit(target, todo, options)


def _commit(target, todo, options):
    if todo:
        for note in target.prepare(options.reverting):
            _say("note: " + note)
    if options.dry_run:
        print("dry run: nothing was changed")
    elif todo:
        target.commit(todo, options.reverting)
        print("done")


# ---- list ----------------------------------------------------------------------------------------


def show(images):
    for image in images:
        try:
            _show_image(image)
        except Refusal as refusal:
            print("%s: %s" % (image.label, refusal))


def _show_image(image):
    found = plan.look(image)
    system = hive.Hive(found.hive, record.HIVE)
    services = registry.services_key(system)
    print("%s: %s" % (image.label, found.state.value))
    if found.record:
        _say("machine      %s" % found.record.machine)
        changed = plan.changed_files(image, found)
        for path, digest in found.record.files.items():
            state = "" if image.exists(path) else "  MISSING"
            _say("file         %s  (sha256 %s)%s" % (path, digest,
                                                    "  CHANGED" if path in changed else state))
        for path in found.record.kept:
            _say("original of  %s is kept" % path)
    if image.exists(plan.WDS):
        _say("WDS          %s" % plan.WDS)
    _say("control set  %s" % services[0])
    _say("providers    %s" % (" ".join(registry.provider_order(system, services)[1]) or "none"))
    _say("service      %s" % registry.describe_service(system, services))
