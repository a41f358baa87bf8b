"""From the results of an edition to its manifest, PDF and HTML report."""
