"""Tables, figures, numbers and claims: recipes for several writeups, and a folder per writeup for what one needs."""
