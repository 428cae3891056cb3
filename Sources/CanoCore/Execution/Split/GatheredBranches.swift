/// What the rows of a split's branches say, in one row: it takes their place when most of them say what later ones say anew.
struct GatheredBranches: Sendable, Equatable, Codable {
    private struct End: Sendable, Equatable, Codable {
        let branch: Int
        /// The payload of its row, which is JSON text.
        let end: String
    }

    private let parts: [Int: PartProgress]
    /// In the order of their rows.
    private let ended: [End]

    init(_ progress: VisitProgress) {
        var parts: [Int: PartProgress] = [:]
        for case (.branch(let index), let part) in progress.parts { parts[index] = part }
        self.parts = parts
        ended = progress.ended.map { End(branch: $0.index, end: String(decoding: $0.payload, as: UTF8.self)) }
    }

    /// Adds all of it to what is known of the visit.
    func add(to progress: inout VisitProgress) {
        for (index, part) in parts { progress[.branch(index)] = part }
        for end in ended { progress.end(end.branch, as: Array(end.end.utf8)) }
    }
}
