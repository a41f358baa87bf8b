"""Tables, figures, numbers and claims: recipes shared by writeups, and a folder per writeup for what only it needs."""
