"""The limited process: work on files that nobody vouches for, done where it cannot take the site along.

`outside` starts such a process and waits for it; `inside` is what runs in there first. Which work there is say
`news.imaging.limited` (pictures) and `news.filetypes.limited` (documents), each with its own limits.
"""
