import CanoCore

/// What the samples have in common whose work is done elsewhere.
extension WorkerQueue {
    /// As many attempts as an input may ask for.
    static let sampleConfig = TaskConfig(retry: .fixed(retries: 999, delay: .milliseconds(200)))

    /// The queue that the input of a sample names, with four attempts, a lease of 60 s and no bound unless it says otherwise.
    init(sample name: String, lease: Int?, attempts: Int?, capacity: Int? = nil) {
        self.init(name, lease: .milliseconds(lease ?? 60_000), capacity: capacity, attempts: attempts ?? 4)
    }
}

extension KeyedDecodingContainer {
    func decodePositiveIfPresent(_ key: Key) throws -> Int? { contains(key) ? try decodePositive(key) : nil }

    /// A whole number that is 1 at least.
    func decodePositive(_ key: Key) throws -> Int {
        let number = try decode(Int.self, forKey: key)
        guard number >= 1 else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "\(number) is less than 1.")
        }
        return number
    }
}

extension StoreKey<[JSON]> {
    /// What the parts of a run came to.
    static var outputs: Self { "outputs" }
}
