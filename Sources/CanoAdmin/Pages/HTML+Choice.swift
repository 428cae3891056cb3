extension HTML {
    /// A box by which a row of a table is chosen for what is done with many; nothing where nothing may be changed.
    static func box(_ name: String, _ value: String, on site: Site) -> HTML {
        guard !site.isReadOnly else { return "" }
        return """
            <label class="box"><input type="checkbox" form="many" name="\(name)" value="\(value)" aria-label="Choose \(value)"></label>
            """
    }

    /// The buttons for what can be done with the rows that are chosen, and with all that fit; nothing where nothing may be changed.
    ///
    /// - Parameters:
    ///   - actions: What can be done.
    ///   - filter: What the page was asked for, which says what fits.
    ///   - site: Where it is shown.
    /// - Returns: The form that the boxes belong to.
    static func many(_ actions: [any BulkAction.Type], _ filter: [(String, String?)], on site: Site) -> HTML {
        guard !site.isReadOnly, let first = actions.first else { return "" }
        let fields = filter.compactMap { name, value -> HTML? in
            value.map { "<input type=\"hidden\" name=\"\(name)\" value=\"\($0)\">" }
        }
        let buttons = actions.map { action -> HTML in
            """
            <button formaction="\(site.path(action.path))">\(action.verb) the chosen</button>
            <button formaction="\(site.path(action.path))" name="all" value="yes">\(action.verb) all that fit</button>
            """
        }
        return "<form id=\"many\" class=\"actions\" method=\"post\" action=\"\(site.path(first.path))\">\(fields)\(buttons)</form>"
    }
}
