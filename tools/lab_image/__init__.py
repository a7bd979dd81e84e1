"""tools/lab-image: puts the server into a Windows image, from Linux. docs/lab-image.md tells how.

    main      the command line
    job       what is to be done with one image: install, upgrade, revert, list
    plan      from what is there to a list of changes
    changes   the changes that there are
    record    what was done to an image, kept inside it
    registry  the SYSTEM hive: registration in, registration out, nothing else touched
    hive      the hive file: what is refused, and the changes made with hivex
    tree      an image that is a folder
    wim       an image in a WIM file
    disk      every write to the disk, so that each can be made to fail in a test
    paths, pe, refusal
"""
