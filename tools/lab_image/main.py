"""The command line of tools/lab-image."""
import argparse
import os
import sys
import tempfile

from . import job, paths
from .refusal import Refusal
from .tree import Tree
from .wim import ALL, Wim

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
DESCRIPTION = """Puts the PXE server into a Windows image that does not run: its files into a folder
of its own, its providers and its service into the SYSTEM hive. IMAGE is a WIM file or the folder of
an extracted or mounted image. What was there is kept; --revert brings it back byte for byte.
docs/lab-image.md explains it."""
EPILOG = "Exit codes: 0 done, 1 refused or failed (one line says why), 2 wrong command line."


def parser():
    parse = argparse.ArgumentParser(prog="tools/lab-image", description=DESCRIPTION, epilog=EPILOG)
    parse.add_argument("image", metavar="IMAGE")
    what = parse.add_mutually_exclusive_group()
    what.add_argument("--revert", action="store_true", help="take everything out again")
    what.add_argument("--list", action="store_true", help="show what is there, change nothing")
    parse.add_argument("--dry-run", action="store_true",
                       help="show what would be done, change nothing")
    parse.add_argument("--image", dest="choice", metavar="N|NAME|all",
                       help="which image of a WIM (default: the only one; --list, --revert: all)")
    parse.add_argument("--no-original", action="store_true",
                       help="keep no copy of the WIM file from before; --revert then still brings "
                       "every file in it back (with --revert: do without the copy)")
    put = parse.add_argument_group("putting in")
    put.add_argument("--bin", metavar="FOLDER", help="the folder with wdspxe.dll and so on "
                     "(default: build/win-MACHINE/bin of this project, by the image's machine)")
    put.add_argument("--folder", default=job.Options.folder, metavar="PATH",
                     help=r"where the files go in the image (default: %(default)s)")
    put.add_argument("--provider", action="append", default=[], metavar="NAME=FILE.dll",
                     help="a provider to register; may be given several times (default: "
                     "staticpxe, the one that ships)")
    put.add_argument("--critical", action="append", default=[], metavar="NAME",
                     help="without this provider the server shall not run")
    put.add_argument("--ini", metavar="FILE", help="becomes staticpxe.ini")
    put.add_argument("--add", action="append", default=[], metavar="FILE",
                     help="one more file for the folder; may be given several times")
    put.add_argument("--start", choices=("auto", "demand", "disabled"),
                     help="when the service starts (default: auto; beside WDS: demand)")
    put.add_argument("--no-service", action="store_true",
                     help="put in no service of ours: something else starts the server")
    put.add_argument("--replace", action="store_true",
                     help="files of others that are in the way are kept aside, not refused")
    put.add_argument("--beside-wds", action="store_true",
                     help="the image has Windows Deployment Services; install beside them")
    back = parse.add_argument_group("taking out, also of an earlier version")
    back.add_argument("--cut-out", action="store_true",
                      help="SYSTEM was changed since: take only our registration out of it")
    back.add_argument("--discard-changes", action="store_true",
                      help="files of ours were changed since: drop them all the same")
    return parse


def options_of(arguments, parse):
    """The options of the job; wrong ones end the program."""
    options = job.Options(build=os.path.join(ROOT, "build"), bin=arguments.bin,
                          extra=arguments.add, ini=arguments.ini, start=arguments.start,
                          no_service=arguments.no_service,
                          replace=arguments.replace, beside_wds=arguments.beside_wds,
                          cut_out=arguments.cut_out, discard_changes=arguments.discard_changes,
                          dry_run=arguments.dry_run, reverting=arguments.revert)
    try:
        options.folder = paths.join(*paths.parts(arguments.folder.strip("\\")))
    except Refusal as refusal:
        parse.error("--folder: %s" % refusal)
    if arguments.no_service and arguments.start:
        parse.error("--start is of the service that --no-service leaves out")
    if arguments.provider:
        options.providers = [_provider(text, parse) for text in arguments.provider]
    names = [provider.name.upper() for provider in options.providers]
    if len(set(names)) != len(names):
        parse.error("--provider: a name is given twice")
    for name in arguments.critical:
        if name.upper() not in names:
            parse.error("--critical: there is no provider '%s'" % name)
    for provider in options.providers:
        provider.critical = provider.name.upper() in [name.upper() for name in arguments.critical]
    return options


def _provider(text, parse):
    name, equals, source = text.partition("=")
    if not equals or not source or not name or "\\" in name or not name.isprintable():
        parse.error("--provider takes NAME=FILE.dll, not '%s'" % text)
    return job.Provider(name, source)


def run(arguments, options, work):
    if os.path.isdir(arguments.image):
        target = Tree(arguments.image)
    elif os.path.isfile(arguments.image):
        target = Wim(arguments.image, work, not arguments.no_original)
    else:
        raise Refusal("no such file or folder")
    choice = arguments.choice
    if isinstance(target, Wim) and (arguments.list or arguments.revert):
        choice = choice or ALL
    images = target.images(choice)
    if not (arguments.list or arguments.dry_run):
        target.tidy()
    if arguments.list:
        job.show(images)
    elif arguments.revert:
        job.revert(target, images, options, work)
    else:
        job.install(target, images, options, work)


def main():
    parse = parser()
    arguments = parse.parse_args()
    options = options_of(arguments, parse)
    try:
        with tempfile.TemporaryDirectory(prefix="lab-image-") as work:
            run(arguments, options, work)
    except Refusal as refusal:
        print("tools/lab-image: %s: %s" % (arguments.image, refusal), file=sys.stderr)
        return 1
    except OSError as error:
        print("tools/lab-image: %s: %s" % (arguments.image, error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("tools/lab-image: %s: interrupted; the same command again goes on"
              % arguments.image, file=sys.stderr)
        return 130
    return 0
