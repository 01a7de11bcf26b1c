"""Put the four folders, and broximal/__init__.py, where Python and the type checkers look for them.

A wheel gets them from `sources`; an editable install gets links under build/links, on a plain .pth.
"""

from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PlaceFolders(BuildHookInterface):
    def initialize(self, version, build_data):
        top = self.config["top"]
        if version != "editable":
            build_data["force_include"].update(top)
            return
        for source, target in {**self.build_config.target_config["sources"], **top}.items():
            link = Path(self.root, "build", "links", target)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(Path(self.root, source))
