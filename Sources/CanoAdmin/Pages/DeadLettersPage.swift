import CanoBus
import CanoClient
import CanoPrimitives
import CanoRedis

/// Commands that could not be carried out, newest first.
struct DeadLettersPage: AdminPage {
    static let path = AdminPath.deadLetters

    let letters: [ListedDeadLetter]
    /// The newest of the next page; nil on the last.
    let next: DeadLetterID?
    /// What was asked for, as it is sent again.
    let asked: [(String, String?)]

    private static let count = 50
    /// How many letters are looked at for one page, at most.
    private static let mostLooked = 10_000

    static func read(_ query: FormFields, from bus: AdminBus) async throws -> DeadLettersPage {
        var newest: DeadLetterID?
        if let text = query["through"] {
            guard let id = DeadLetterID(text) else { throw RequestProblem(400, "\"through\" has to be the id of a dead letter.") }
            newest = id
        }
        var (letters, looked, next) = ([] as [ListedDeadLetter], 0, nil as DeadLetterID?)
        try await bus.client.forEachDeadLetter(try await .read(query, on: bus.client), through: newest, newestFirst: true) { part, last in
            letters += part
            looked += BusClient.lettersAtOnce
            next = letters.count > count ? letters[count].id : looked >= mostLooked ? last.previous : nil
            return next == nil
        }
        return DeadLettersPage(
            letters: Array(letters.prefix(count)), next: next, asked: DeadLetterFilter.fields.map { ($0, query[$0]) })
    }

    let title = "Dead letters"

    func main(on site: Site) -> HTML {
        let rows = letters.map { listed in
            let (id, letter) = ("\(listed.id)", listed.letter)
            let fields = letter.fields.sorted { $0.key < $1.key }.map { ($0.key, "<code>\($0.value)</code>" as HTML?) }
            let again = letter.isQuarantine ? "" : site.button("Publish again", RequeueAction.path, [("letter", id)])
            return [
                HTML.box("letter", id, on: site), "<span class=\"id\">\(id)</span>",
                HTML.moment(Int64(clamping: listed.id.entry.milliseconds)),
                "<b>\(letter.code)</b>",
                "\(letter.fields[Field.type.rawValue])", "\(listed.about)", "<span class=\"detail\">\(letter.message)</span>",
                "<details id=\"l\(id)\"><summary>command</summary>\(HTML.facts(fields))</details>",
                "\(again)\(site.button("Remove", DeleteLetterAction.path, [("letter", id)], asking: "Remove this dead letter for ever?"))",
            ] as [HTML]
        }
        let older = next.map {
            "<p><a rel=\"next\" href=\"\(site.path(Self.path, self.asked + [("through", "\($0)")]))\">Older</a></p>" as HTML
        }
        let columns = ["", "Letter", "Since", "Code", "Command", "About", "Message", "", ""]
        func asked(_ name: String) -> String? { self.asked.first { $0.0 == name }?.1 }
        let isAsked = self.asked.contains { $0.1 != nil }
        return """
            <h1>Dead letters</h1>
            <form class="filter" action="\(site.path(Self.path))">
            \(HTML.field("code", "Code", asked("code"), hint: "invalid_input"))
            \(HTML.field("workflow", "Workflow", asked("workflow")))
            \(HTML.field("attribute", "Attribute", asked("attribute"), hint: "customer=42"))
            \(HTML.choice("since", "From", RecentTime.choices(DeadLetterFilter.times), chosen: asked("since")))
            <button>Show</button>
            </form>
            \(HTML.table(
                columns, rows,
                empty: next != nil ? "None among those looked at so far."
                    : isAsked ? "None is like that." : "There is none: every command could be carried out."))
            \(letters.isEmpty ? "" : HTML.many([RequeueLettersAction.self], self.asked, on: site))
            \(older)
            """
    }

    var json: String {
        var text = JSONWriter()
        text.member("letters", json: JSONWriter.array(letters.map(\.json)))
        text.member("next", json: JSONWriter.string(next.map { "\($0)" }))
        return text.object
    }
}
