import CanoCore

/// A shop that stands in for a real one: it has everything, and cannot ship glass.
package struct CornerShop: Shop {
    /// Another attempt would find no carrier either.
    package struct NoCarrier: TerminalError {}

    package init() {}

    package func reserve(_ article: String, key: String) async throws -> String { "reservation of \(article)" }
    package func release(_ reservation: String, key: String) async throws {}
    package func charge(_ cents: Int, key: String) async throws -> String { "payment of \(cents)" }
    package func refund(_ payment: String, key: String) async throws {}
    package func ship(_ article: String, key: String) async throws -> String {
        guard article != "glass" else { throw NoCarrier() }
        return "parcel with \(article)"
    }
}
