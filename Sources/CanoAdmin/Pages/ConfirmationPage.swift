/// What is asked before something is done with many at once.
struct ConfirmationPage: Sendable {
    let action: any BulkAction
    let preview: BulkPreview

    /// How many are named.
    private static let named = 20

    /// The fields that say again what is meant: what is shown, by name, as far as all of it is.
    private var fields: [(String, String)] {
        guard !preview.hasMore else { return action.fields }
        return preview.names.map { (type(of: action).item, $0) } + action.page.query.compactMap { name, value in value.map { (name, $0) } }
    }

    var title: String { "\(type(of: action).verb)?" }

    private var number: String { preview.hasMore ? "\(preview.names.count) and more" : "\(preview.names.count)" }

    func main(on site: Site) -> HTML {
        let back = site.link("Back", to: action.page.path, action.page.query)
        let passedOver: HTML =
            preview.passedOver == 0 ? "" : "<p>Not possible, and passed over, with \(preview.passedOver) of those that were chosen.</p>"
        guard !preview.names.isEmpty else {
            return "<h1>\(title)</h1>\(passedOver)<p class=\"empty\">There is none that this can be done with.</p><p>\(back)</p>"
        }
        let names = preview.names.prefix(Self.named).map { "<li class=\"id\">\($0)</li>\n" as HTML }
        let others = preview.names.count > Self.named || preview.hasMore ? "<li>and the others that fit</li>\n" as HTML : ""
        let fields = (fields + [(BulkConfirmation.field, BulkConfirmation.value)]).map { name, value -> HTML in
            "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
        }
        return """
            <h1>\(type(of: action).verb): \(number)?</h1>
            \(passedOver)
            <ul class="meant">
            \(names)\(others)</ul>
            <form method="post" action="\(site.path(type(of: action).path))">\(fields)
            <p>\(type(of: action).warning)</p>
            \(type(of: action).takesReason ? HTML.field("reason", "Reason", nil) : "")
            <p><button>\(type(of: action).verb) \(number)</button> \(back)</p></form>
            """
    }
}
