import CanoBus
import CanoClient

/// Publishes the commands of dead letters again, and removes the letters.
struct RequeueLettersAction: BulkAction {
    static let path = "/dead-letters/requeue-many"
    static let item = "letter"
    static let verb = "Publish again"
    static let warning = "Mend the cause first: a command that can't be carried out becomes a letter again."
    static let takesReason = false

    /// Which letters are meant.
    private enum Selection: Sendable {
        case some([DeadLetterID])
        /// All that fit, up to one: those that came later are not meant.
        case all(DeadLetterFilter, through: DeadLetterID?)
    }

    /// The field that says which letter is the last that is meant.
    private static let last = "through"

    private let selection: Selection
    private let filter: [(String, String?)]

    /// How many letters a page counts.
    private static let counted = 1_000

    static func read(_ fields: FormFields, on bus: BusClient) async throws -> RequeueLettersAction {
        let filter = DeadLetterFilter.fields.map { ($0, fields[$0]) }
        let ids = try fields.all(item).map { text throws(RequestProblem) in try FormFields.letter(text) }
        let through = fields[Self.last]
        if fields["all"] != nil {
            guard ids.isEmpty else { throw RequestProblem(400, "Give \"all\", or \"\(item)\" for each that is meant: nothing was done.") }
            let last =
                if let text = through { try FormFields.letter(text) } else { try await bus.newestDeadLetters(count: 1).first?.id }
            return RequeueLettersAction(selection: .all(try await .read(fields, on: bus), through: last), filter: filter)
        }
        guard !ids.isEmpty else {
            throw RequestProblem(400, "The request needs the field \"\(item)\", once for each letter that is meant, or \"all\".")
        }
        return RequeueLettersAction(selection: .some(ids), filter: filter)
    }

    private init(selection: Selection, filter: [(String, String?)]) {
        self.selection = selection
        self.filter = filter
    }

    func preview(on bus: BusClient) async throws -> BulkPreview {
        var (names, passedOver, hasMore) = ([] as [String], 0, false)
        try await forEach(on: bus) { letters in
            let meant = letters.filter { !$0.letter.isQuarantine }
            names += meant.map { "\($0.id)" }
            passedOver += letters.count - meant.count
            hasMore = names.count >= Self.counted
            return !hasMore
        }
        return BulkPreview(names: names, hasMore: hasMore, passedOver: passedOver)
    }

    func perform(on bus: BusClient) async throws -> BulkResult {
        var (done, left) = (0, 0)
        try await forEach(on: bus) { letters in
            let (published, refused) = try await bus.requeue(letters)
            (done, left) = (done + published.count, left + refused.count)
            return true
        }
        return BulkResult(done: done, left: left)
    }

    /// Calls the body with some letters after the others.
    private func forEach(on bus: BusClient, _ body: ([ListedDeadLetter]) async throws -> Bool) async throws {
        switch selection {
        case .some(let ids):
            for start in stride(from: 0, to: ids.count, by: BusClient.lettersAtOnce) {
                let part = Array(ids[start..<min(start + BusClient.lettersAtOnce, ids.count)])
                guard try await body(try await bus.deadLetters(named: part)) else { return }
            }
        case .all(let filter, let last):
            guard let last else { return }
            try await bus.forEachDeadLetter(filter, through: last) { letters, _ in try await body(letters) }
        }
    }

    var fields: [(String, String)] {
        switch selection {
        case .some(let ids): ids.map { (Self.item, "\($0)") }
        case .all(_, let last):
            [("all", "yes")] + (filter + [(Self.last, last.map { "\($0)" })]).compactMap { name, value in value.map { (name, $0) } }
        }
    }
    var page: (path: String, query: [(String, String?)]) { (AdminPath.deadLetters, filter) }
}
