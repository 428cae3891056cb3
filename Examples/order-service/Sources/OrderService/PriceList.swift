import CanoCore

/// What things cost, in cents.
struct PriceList: Sendable {
    let prices: [String: Int]

    static let thisSeason = PriceList(prices: ["tea": 450, "pot": 3_900, "cup": 800])

    func price(of sku: String) throws -> Int {
        guard let price = prices[sku] else { throw UnknownArticle(sku: sku) }
        return price
    }
}

/// An error that no further attempt cures, so the task fails at once. Its code reaches clients in any language.
struct UnknownArticle: TerminalError, CodedError, CustomStringConvertible {
    let sku: String
    var code: String { "unknown_article" }
    var description: String { "no price is known for \"\(sku)\"" }
}
