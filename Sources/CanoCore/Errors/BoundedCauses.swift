/// What an error follows from: 16 levels and 100 errors in all at most, so that the error can be told, stored and read back whatever led to it.
struct BoundedCauses: Sendable {
    /// How many causes are kept, those of causes included.
    static let mostErrors = 100
    /// How many levels of causes are kept.
    static let mostLevels = 16

    let errors: [CanoError]
    /// How many there were beside these.
    let omitted: Int
    /// How many errors these are, with all that they follow from.
    private let count: Int
    private let levels: Int

    init(_ errors: [CanoError] = [], omitted: Int = 0) {
        guard !errors.isEmpty else {
            (self.errors, self.omitted, count, levels) = ([], omitted, 0, 0)
            return
        }
        let whole = BoundedCauses(keeping: errors, omitted: omitted)
        guard whole.count > Self.mostErrors || whole.levels > Self.mostLevels else {
            self = whole
            return
        }
        var left = Self.mostErrors
        self = Self.pruned(whole, to: &left, levels: Self.mostLevels)
    }

    private init(keeping errors: [CanoError], omitted: Int) {
        self.errors = errors
        self.omitted = omitted
        count = errors.reduce(0) { $0 + 1 + $1.bounded.count }
        levels = errors.reduce(0) { max($0, 1 + $1.bounded.levels) }
    }

    /// The first ones, and before all others those that are direct causes.
    private static func pruned(_ causes: BoundedCauses, to left: inout Int, levels: Int) -> BoundedCauses {
        let kept = levels > 0 ? causes.errors.prefix(left) : []
        left -= kept.count
        let errors = kept.map { error in
            var error = error
            error.bounded = pruned(error.bounded, to: &left, levels: levels - 1)
            return error
        }
        return BoundedCauses(keeping: errors, omitted: causes.omitted + causes.errors.count - kept.count)
    }
}
