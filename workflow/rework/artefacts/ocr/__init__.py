"""Artefacts that only `ocr` needs: letters, words and max pooling."""
