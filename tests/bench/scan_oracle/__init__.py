"""An independent matcher: what docs/searches.md says, in Python, to compare cm-scan with. Nothing in it was taken from cm-scan's sources."""
