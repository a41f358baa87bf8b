"""What only `ocr` needs of artefacts: letters, words and max pooling."""
