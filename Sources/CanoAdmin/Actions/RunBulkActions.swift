import CanoClient
import CanoRedis

/// Asks for runs to be cancelled.
struct CancelRunsAction: BulkAction {
    static let path = "/runs/cancel"
    static let item = RunSelection.item
    static let verb = "Cancel"
    static let warning = "What they have done is undone."
    static let takesReason = true
    let selection: RunSelection
    let reason: String?
    let filter: [(String, String?)]

    static func read(_ fields: FormFields, on bus: BusClient) async throws -> CancelRunsAction {
        CancelRunsAction(
            selection: try await .read(fields, on: bus), reason: fields["reason"], filter: RunFilter.fields.map { ($0, fields[$0]) })
    }

    func preview(on bus: BusClient) async throws -> BulkPreview { try await selection.preview(\.ofCancellable, on: bus) }

    func perform(on bus: BusClient) async throws -> BulkResult {
        try await selection.perform(\.ofCancellable, on: bus) { try await bus.cancel($0, reason: reason) }
    }

    var fields: [(String, String)] { selection.fields(of: filter) }
    var page: (path: String, query: [(String, String?)]) { (AdminPath.runs, filter) }
}

/// Lets failed runs go on.
struct ResumeRunsAction: BulkAction {
    static let path = "/runs/resume"
    static let item = RunSelection.item
    static let verb = "Resume"
    static let warning = "They go on from their last steps, or with what is left to undo."
    static let takesReason = false
    let selection: RunSelection
    let filter: [(String, String?)]

    static func read(_ fields: FormFields, on bus: BusClient) async throws -> ResumeRunsAction {
        ResumeRunsAction(selection: try await .read(fields, on: bus), filter: RunFilter.fields.map { ($0, fields[$0]) })
    }

    func preview(on bus: BusClient) async throws -> BulkPreview { try await selection.preview(\.ofResumable, on: bus) }

    func perform(on bus: BusClient) async throws -> BulkResult {
        try await selection.perform(\.ofResumable, on: bus) { try await bus.resume($0) }
    }

    var fields: [(String, String)] { selection.fields(of: filter) }
    var page: (path: String, query: [(String, String?)]) { (AdminPath.runs, filter) }
}
