"""`python -m mmcourse` is the command `mmcourse`."""

import sys

from mmcourse.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
