#if SQLite
    import CanoBus
    import CanoClient
    import CanoHistory

    /// Asks a history all that can be asked, and prints what each question takes: history-queries FILE [seconds per question]
    @main struct HistoryQueries {
        static func main() async throws {
            let arguments = CommandLine.arguments
            guard arguments.count > 1 else { return print("history-queries FILE [seconds per question]") }
            let history = RunHistory(try HistoryFile(path: arguments[1]))
            let seconds = arguments.count > 2 ? Double(arguments[2]) ?? 1 : 1
            print("| question | asked | median ms | slowest ms | runs |")
            for question in try await questions(history) {
                var (times, count) = ([Duration](), 0)
                let begun = ContinuousClock.now
                repeat {
                    let began = ContinuousClock.now
                    count = try await question.ask()
                    times.append(began.duration(to: .now))
                } while begun.duration(to: .now) < .seconds(seconds)
                times.sort()
                let (median, slowest) = (times[times.count / 2], times[times.count - 1])
                print("| \(question.name) | \(times.count) | \(milliseconds(median)) | \(milliseconds(slowest)) | \(count) |")
            }
        }

        private struct Question {
            let name: String
            let ask: () async throws -> Int
        }

        private static func questions(_ history: RunHistory) async throws -> [Question] {
            let newest = try await history.runs(count: 1_000).runs
            let moments = newest.compactMap(\.started)
            guard let last = moments.max(), let some = newest.first(where: { $0.attributes["customer"] != nil }),
                case .text(let customer)? = some.attributes["customer"]
            else { return [] }
            let name = "customer"
            let (hour, far) = (Int64(3_600_000), RunFilter.Period(from: last - 300_000, until: last - 240_000))
            var filters: [(String, HistoryFilter)] = [
                ("all", HistoryFilter()), ("failed", HistoryFilter([.failed])),
                ("waiting or cancelled", HistoryFilter([.waiting, .cancelled])),
                ("a workflow", HistoryFilter(workflow: "work-3")), ("a version", HistoryFilter(workflow: "work-3", version: "2")),
                ("failed, of a workflow in a version", HistoryFilter([.failed], workflow: "work-3", version: "2")),
                ("waiting in a state", HistoryFilter([.waiting], state: "approve")), ("an error", HistoryFilter(errorCode: "declined-7")),
                ("an error that no run has", HistoryFilter(errorCode: "none")),
                ("an attribute of few", HistoryFilter(attributes: [name: customer])),
                ("an attribute of half of them", HistoryFilter(attributes: ["express": "true"])),
                ("two attributes, of which one is rare", HistoryFilter(attributes: ["express": "true", name: customer])),
                (
                    "an attribute of half of them, and an error that they never have",
                    HistoryFilter(errorCode: "rare", attributes: ["express": "true"])
                ),
                ("a word of all", HistoryFilter(text: "run")), ("a whole id", HistoryFilter(text: some.id)),
                ("a word of few", HistoryFilter(text: "declined")),
                ("two words that never come together", HistoryFilter(text: "declined 77 quux")),
                ("a word of all, failed, of a workflow", HistoryFilter([.failed], workflow: "work-3", text: "run")),
                ("a word of all, in a state that they never are in", HistoryFilter([.failed], state: "approve", text: "run")),
            ]
            for (what, base) in [("all", HistoryFilter()), ("failed, of a workflow", HistoryFilter([.failed], workflow: "work-3"))] {
                var filter = base
                filter.started = far
                filters.append(("\(what) that began in a minute", filter))
                (filter.started, filter.finished) = (RunFilter.Period(), far)
                filters.append(("\(what) that ended in a minute", filter))
                filter.state = "approve"
                filters.append(("\(what) that ended in a minute in a state that none is in", filter))
            }
            var questions = filters.map { name, filter in
                Question(name: "100 runs: \(name)") { try await history.runs(filter, count: 100).runs.count }
            }
            for (name, filter) in filters.prefix(2) {
                var cursor: HistoryCursor?
                for _ in 0..<30 { cursor = try await history.runs(filter, after: cursor, count: 1_000).next ?? cursor }
                let deep = cursor
                questions.append(
                    Question(name: "100 runs: \(name), 30,000 runs down") {
                        try await history.runs(filter, after: deep, count: 100).runs.count
                    })
            }
            questions += [
                Question(name: "a run") { try await history.run(some.id) == nil ? 0 : 1 },
                Question(name: "its timeline") { try await history.timeline(of: some.id)?.timeline.events.count ?? 0 },
                Question(name: "states of a workflow, all time") { try await history.stateDurations(workflow: "work-3").count },
                Question(name: "states of a workflow, an hour") {
                    try await history.stateDurations(workflow: "work-3", period: RunFilter.Period(from: last - hour, until: last)).count
                },
                Question(name: "counts by workflow and status") { try await history.summary().count },
            ]
            return questions
        }

        private static func milliseconds(_ duration: Duration) -> String {
            let microseconds = duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
            return "\(microseconds / 1_000).\(String(1_000 + microseconds % 1_000).dropFirst())"
        }
    }
#else
    @main struct HistoryQueries {
        static func main() { print("build this with --traits SQLite") }
    }
#endif
