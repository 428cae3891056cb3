/// What a start command carries as its `input`: `{"customer":"Ada","country":"GB","lines":[{"sku":"tea","quantity":2}]}`.
///
/// An input that doesn't decode is rejected before the run begins, with the place of the mistake.
struct Order: Codable, Sendable {
    let customer: String
    let country: String
    let lines: [Line]

    struct Line: Codable, Sendable {
        let sku: String
        let quantity: Int
    }
}
