"""Reading photographs of handwriting: finding letters, lines and words, cutting out single letters, texts."""
