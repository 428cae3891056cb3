import Synchronization

/// The same, and a second counter that everybody forgot to lock: a report must come of this.
final class Racy: @unchecked Sendable {
    let count = Mutex(0)
    var unguarded = 0
}

@main struct Program {
    static func main() async {
        let racy = Racy()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<10_000 {
                        racy.count.withLock { $0 += 1 }
                        racy.unguarded += 1
                    }
                }
            }
        }
        print(racy.unguarded)
    }
}
