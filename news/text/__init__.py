"""Workshop: Vietnamese text as plain Python, standard library only. It knows no Django and no newsroom."""
