"""A tidy table in, an Altair chart out; one theme, drawn offline."""
