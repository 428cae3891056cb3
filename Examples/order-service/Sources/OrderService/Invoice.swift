/// What the run leaves behind as its `output`. Amounts are in cents.
struct Invoice: Codable, Sendable {
    let customer: String
    let total: Int
    let discount: Int
    let receipt: String
}
