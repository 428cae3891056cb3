import CanoClient

/// Something that can be done with many at once: with those that were chosen on a page, or with all that fit what the page was asked for.
///
/// A page asks first: it shows what is meant, and sends the same again with the field ``confirmation``.
protocol BulkAction: Sendable {
    /// Where it is sent.
    static var path: String { get }
    /// The field that names one of those that are meant.
    static var item: String { get }
    /// What is on its button.
    static var verb: String { get }
    /// What is to be known before it is done.
    static var warning: String { get }
    /// Whether a reason may be given.
    static var takesReason: Bool { get }

    /// Reads what is to be done.
    ///
    /// - Throws: ``RequestProblem``; what a client of the bus throws.
    static func read(_ fields: FormFields, on bus: BusClient) async throws -> Self

    /// What is meant, as far as a page can count it.
    func preview(on bus: BusClient) async throws -> BulkPreview

    /// Does it.
    func perform(on bus: BusClient) async throws -> BulkResult

    /// The fields that say again what is meant.
    var fields: [(String, String)] { get }
    /// The page to look at next.
    var page: (path: String, query: [(String, String?)]) { get }
}

/// What an action for many is about to do.
struct BulkPreview: Sendable {
    /// What it is done with, by their names.
    let names: [String]
    /// Whether there may be more than these.
    let hasMore: Bool
    /// How many of those that were chosen it can't be done with.
    let passedOver: Int

    /// What a program is told that asked for a dry run.
    var json: String { #"{"would":\#(names.count),"more":\#(hasMore),"passed_over":\#(passedOver)}"# }
}

extension FormFields {
    /// Whether a program wants to know what would be done, and no more.
    ///
    /// - Throws: ``RequestProblem`` with the status 400.
    var isDryRun: Bool {
        get throws(RequestProblem) {
            guard let text = self["dry_run"] else { return false }
            guard text == "yes" else { throw RequestProblem(400, "\"dry_run\" is yes, or left out: nothing was done.") }
            return true
        }
    }
}

/// What an action for many has done.
struct BulkResult: Sendable {
    /// With how many it was done.
    let done: Int
    /// With how many it was not, or may not have been.
    let left: Int
}

/// The field of a form by which a person says: do it.
enum BulkConfirmation {
    static let field = "confirmed"
    static let value = "yes"
}
