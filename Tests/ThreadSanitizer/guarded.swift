import Synchronization

/// Many tasks, one counter, always under its lock: no report may come of this.
final class Guarded: Sendable {
    let count = Mutex(0)
}

@main struct Program {
    static func main() async {
        let guarded = Guarded()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<10_000 { guarded.count.withLock { $0 += 1 } } }
            }
        }
        print(guarded.count.withLock { $0 })
    }
}
