/// What pages need to know of where they are shown.
struct Site: Sendable {
    /// What stands before each path where a proxy adds it, such as `/cano`; empty otherwise.
    let base: String
    /// Whether nothing can be changed here.
    let isReadOnly: Bool
    /// Whether there is a session to end.
    let hasToken: Bool
    /// Whether there is a history to search.
    let hasHistory: Bool
    /// The prefix of the bus.
    let bus: String

    /// A path on this server, with a query.
    func path(_ path: String, _ query: [(String, String?)] = []) -> String {
        let fields = FormFields.encoded(query)
        return base + path + (fields.isEmpty ? "" : "?" + fields)
    }

    /// A link.
    func link(_ text: String, to path: String, _ query: [(String, String?)] = []) -> HTML {
        "<a href=\"\(self.path(path, query))\">\(text)</a>"
    }

    /// A link to a run.
    func link(run id: String) -> HTML { "<a class=\"id\" href=\"\(path(RunDetailsPage.path, [("id", id)]))\">\(id)</a>" }

    /// A button that changes something; nothing where nothing may be changed.
    ///
    /// - Parameters:
    ///   - text: What is on it.
    ///   - action: The path of the action.
    ///   - fields: What is sent.
    ///   - question: What is asked first; nil for nothing.
    /// - Returns: The button.
    func button(_ text: String, _ action: String, _ fields: [(String, String)], asking question: String? = nil) -> HTML {
        guard !isReadOnly else { return "" }
        let inputs = fields.map { name, value -> HTML in "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">" }
        return """
            <form class="inline" method="post" action="\(path(action))" data-confirm="\(question)">\(inputs)<button>\(text)</button></form>
            """
    }
}
