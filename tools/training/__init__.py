"""Conversion and training of the embedded models; imports the package, which never imports this one."""
