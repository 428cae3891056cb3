import CanoBus
import CanoClient
import CanoRedis

/// Which runs are meant: some, or all that fit a filter.
enum RunSelection: Sendable {
    case some([String])
    case all(RunFilter)

    /// The field that names a run.
    static let item = "run"
    /// How many runs a page counts.
    private static let counted = 1_000

    /// Reads the fields `run`, each an id, or `all` and those of a filter.
    ///
    /// - Throws: ``RequestProblem`` with the status 400; `RedisError`.
    static func read(_ fields: FormFields, on bus: BusClient) async throws -> RunSelection {
        let ids = fields.all(item)
        if fields["all"] != nil {
            guard ids.isEmpty else { throw RequestProblem(400, "Give \"all\", or \"\(item)\" for each that is meant: nothing was done.") }
            return .all(try await RunFilter.read(fields, on: bus))
        }
        guard !ids.isEmpty else {
            throw RequestProblem(400, "The request needs the field \"\(item)\", once for each run that is meant, or \"all\".")
        }
        return .some(ids)
    }

    /// What is meant of it.
    ///
    /// - Parameters:
    ///   - narrow: Has a filter mean only the runs that it can be done with; nil for none.
    ///   - bus: The bus.
    /// - Returns: The runs, as far as a page counts them.
    /// - Throws: `RedisError`.
    func preview(_ narrow: (RunFilter) -> RunFilter?, on bus: BusClient) async throws -> BulkPreview {
        switch self {
        case .some(let ids):
            let meant = try await possible(ids, narrow, on: bus)
            return BulkPreview(names: meant, hasMore: false, passedOver: Set(ids).count - meant.count)
        case .all(let filter):
            guard let filter = narrow(filter) else { return BulkPreview(names: [], hasMore: false, passedOver: 0) }
            var page = try await bus.runs(filter, count: Self.counted)
            // Where few fit, a page may have none and not be the last.
            while page.runs.isEmpty, let next = page.next { page = try await bus.runs(filter, after: next, count: Self.counted) }
            return BulkPreview(names: page.runs.map(\.id), hasMore: page.next != nil, passedOver: 0)
        }
    }

    /// Gives a command to the runs that it can be done with.
    func perform(
        _ narrow: (RunFilter) -> RunFilter?, on bus: BusClient, by send: ([String]) async throws -> [String: RedisError]
    ) async throws -> BulkResult {
        let outcome =
            switch self {
            case .some(let ids): try await bus.ask(try await possible(ids, narrow, on: bus), by: send)
            case .all(let filter): try await bus.ask(narrow(filter), by: send)
            }
        // Redis has taken nothing, which is no success of any part.
        if outcome.asked == 0, let failure = outcome.failures.values.first { throw failure }
        return BulkResult(done: outcome.asked, left: outcome.failures.count)
    }

    /// Those of the runs that it can be done with.
    private func possible(_ ids: [String], _ narrow: (RunFilter) -> RunFilter?, on bus: BusClient) async throws -> [String] {
        guard let filter = narrow(RunFilter()) else { return [] }
        return try await bus.runs(named: Set(ids).sorted()).filter { filter.matches($0) }.map(\.id)
    }

    /// The fields that say it again.
    func fields(of filter: [(String, String?)]) -> [(String, String)] {
        switch self {
        case .some(let ids): ids.map { (Self.item, $0) }
        case .all: [("all", "yes")] + filter.compactMap { name, value in value.map { (name, $0) } }
        }
    }
}
