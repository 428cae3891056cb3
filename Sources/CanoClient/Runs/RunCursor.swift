import CanoBus
import CanoPrimitives

/// Where a list of runs goes on. Keep it as the text it prints as; what that says is the client's own business and may change.
///
/// It holds for the filter that it came with, and for as long as the server is not restarted.
public struct RunCursor: Sendable, Hashable, LosslessStringConvertible {
    /// Where that is.
    enum Place: Sendable, Hashable {
        /// Among those that ended badly, which are read from the last on: behind this run, which ended then.
        case failed(behind: EndedRun)
        /// In a list that is scanned, from this place on; 0 at its beginning.
        case list(RunListName, from: UInt64)
    }

    let place: Place

    init(_ place: Place) {
        self.place = place
    }

    /// The cursor as text, of characters that need no quoting in a shell and no escaping in a URL's query but `:`, `@` and `/`.
    public var description: String {
        switch place {
        case .failed(let run): "failed:\(run.score):\(run.id)"
        case .list(let list, let place): "\(list):\(place)" + (list.shard == 0 ? "" : "@\(list.shard)")
        }
    }

    /// Reads the text; nil when it is none.
    public init?(_ description: String) {
        let parts = description.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3 else { return nil }
        if parts[0] == "failed" {
            guard let score = Int64(parts[1]), RunName.isValid(parts[2]) else { return nil }
            place = .failed(behind: EndedRun(score: score, id: parts[2]))
        } else {
            let place = parts[2].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
            guard let from = UInt64(place[0]), let shard = place.count == 1 ? 0 : Int(place[1]), (shard > 0) == (place.count == 2),
                let list = RunListName("\(parts[0]):\(parts[1])", shard: shard)
            else { return nil }
            self.place = .list(list, from: from)
        }
    }
}
