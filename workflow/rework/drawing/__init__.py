"""Drawing figures: style, fonts, plots, grids of pictures and diagrams."""
