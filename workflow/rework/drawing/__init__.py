"""How figures look: style, fonts, plots, grids of pictures and diagrams."""
