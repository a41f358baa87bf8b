"""Letters on photographs of handwriting: finding them, lines and words, pictures of single letters, texts."""
