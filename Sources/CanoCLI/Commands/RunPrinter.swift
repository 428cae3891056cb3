import CanoClient

/// Prints the runs that a filter means: as lines of JSON while they are read, or as one table.
struct RunPrinter {
    /// How many to print; nil for all.
    private let limit: Int?
    private var printer: ListPrinter<ListedRun>
    /// Whether there are more than were printed.
    private(set) var hasMore = false

    init(isJSON: Bool, limit: Int?) {
        printer = ListPrinter(isJSON: isJSON)
        self.limit = limit
    }

    /// How many were printed.
    var count: Int { printer.count }

    /// Prints them.
    ///
    /// - Throws: What ``CanoClient/BusClient/runs(_:after:count:)`` and ``StandardOutput/write(_:)`` throw.
    mutating func print(_ filter: RunFilter, on bus: BusClient) async throws {
        var cursor: RunCursor?
        repeat {
            let left = limit.map { $0 - count }
            let page = try await bus.runs(filter, after: cursor, count: min(500, left ?? 500))
            for run in page.runs.prefix(left ?? .max) { try printer.add(run) }
            cursor = page.next
            hasMore = page.runs.count > left ?? .max || cursor != nil && limit == count
        } while cursor != nil && !hasMore
        try printer.end()
    }
}
