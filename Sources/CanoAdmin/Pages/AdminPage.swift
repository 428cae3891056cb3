import CanoClient

/// What one page shows: read once, then rendered for people, or as JSON for programs.
protocol AdminPage: Sendable {
    /// Where it is; its JSON is below `/api`, and the stream of its changes below `/live`.
    static var path: String { get }

    /// Reads what it shows.
    ///
    /// - Parameters:
    ///   - query: What is asked for.
    ///   - bus: The bus that is looked at.
    /// - Returns: The page.
    /// - Throws: ``RequestProblem`` where the query asks for what there is not; what a client of the bus throws.
    static func read(_ query: FormFields, from bus: AdminBus) async throws -> Self

    /// Whether it changes by itself: not where reading it again costs much.
    var isLive: Bool { get }
    /// What it is called.
    var title: String { get }
    /// The page without what is around it.
    func main(on site: Site) -> HTML
    /// A JSON object.
    var json: String { get }
}

extension AdminPage {
    var isLive: Bool { true }
}
