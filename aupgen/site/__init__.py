"""The exemplar pack as a static site: pages that a browser shows from a disk or from any web server."""
