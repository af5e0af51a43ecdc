// htmx notes the page's address in the tab's storage, and an address may hold what was searched for.
// Nothing here goes back through htmx's own history: the note is of no use.
sessionStorage.removeItem("htmx-current-path-for-history");
