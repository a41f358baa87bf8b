"""Reading printed handwriting on photographs: find the letters, group them, cut them out, compare texts."""
