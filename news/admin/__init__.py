"""The desk: Django admin, grouped by task. The admin decides nothing; it asks the workflow and calls services.

`site.py` is the map: which model has which page, under which heading.
"""
