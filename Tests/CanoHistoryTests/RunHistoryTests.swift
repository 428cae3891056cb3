#if SQLite
    import CanoBus
    import CanoClient
    import CanoTesting
    import GRDB
    import Testing

    @testable import CanoHistory

    @Suite("The list of runs in a history", .timeLimit(.minutes(2)))
    struct RunHistoryTests {
        private static func filters(_ moments: [Int64]) -> [HistoryFilter] {
            let (low, high) = (moments[moments.count / 4], moments[3 * moments.count / 4])
            var filters: [HistoryFilter] = [
                HistoryFilter(), HistoryFilter([.failed]), HistoryFilter([.failed, .waiting, .cancelled]), HistoryFilter(workflow: "w-1"),
                HistoryFilter([.completed], workflow: "w-0"), HistoryFilter(workflow: "w-0", version: "2"), HistoryFilter(version: "2"),
                HistoryFilter([.waiting], workflow: "w-0", version: "1"), HistoryFilter(state: "approve"),
                HistoryFilter([.failed], workflow: "w-1", state: "s"), HistoryFilter(errorCode: "refused-1"),
                HistoryFilter([.failed], workflow: "w-1", errorCode: "refused-2"), HistoryFilter(attributes: ["customer": "c-3"]),
                HistoryFilter([.waiting], attributes: ["customer": "c-3", "total": "2"]), HistoryFilter(attributes: ["total": "2.0"]),
                HistoryFilter(errorCode: "refused-1", attributes: ["customer": "c-3"]),
                HistoryFilter(errorCode: "refused-1", text: "order"),
                HistoryFilter(state: "s", attributes: ["customer": "c-3", "total": "2"]), HistoryFilter(workflow: "none"),
                HistoryFilter(attributes: ["none": "1"]), HistoryFilter([.lost]),
            ]
            for index in [0, 1, 2, 3, 4, 5, 12, 15] {
                var filter = filters[index]
                filter.started = RunFilter.Period(from: low, until: high)
                filters.append(filter)
                filter.started = RunFilter.Period()
                filter.finished = RunFilter.Period(from: low)
                filters.append(filter)
                filter.started = RunFilter.Period(until: high)
                filters.append(filter)
            }
            return filters
        }

        @Test("has, page by page, the runs that fit a filter, each once and in the order that is said", arguments: [21, 22])
        func pages(_ seed: UInt64) async throws {
            try await withTemporaryPath { path in
                let history = RunHistory(try await HistoryFile.telling(try HistoryFileTests.story(seed), at: path))
                let all = try await history.runs(count: 1_000).runs
                #expect(all.count == 60)
                #expect(all.map(\.number) == all.map(\.number).sorted(by: >))
                for filter in Self.filters(all.compactMap(\.started).sorted()) {
                    let expected = all.filter(filter.matches).sorted { one, other in
                        let isByNumber = !filter.attributes.isEmpty || filter.errorCode != nil || filter.text != nil
                        if isByNumber { return one.number > other.number }
                        if filter.finished != RunFilter.Period() {
                            return (one.finished ?? 0, one.number) > (other.finished ?? 0, other.number)
                        }
                        if filter.started != RunFilter.Period() {
                            return (one.started ?? 0, one.number) > (other.started ?? 0, other.number)
                        }
                        return one.number > other.number
                    }
                    var (found, cursor) = ([HistoricRun](), HistoryCursor?.none)
                    repeat {
                        let page = try await history.runs(filter, after: cursor, count: 7)
                        #expect(page.runs.count <= 7)
                        found += page.runs
                        // As text and back, as a client keeps it.
                        cursor = page.next.flatMap { HistoryCursor($0.description) }
                        #expect((cursor == nil) == (page.next == nil))
                    } while cursor != nil
                    #expect(found.map(\.id) == expected.map(\.id), "\(filter)")
                }
            }
        }

        @Test("is never sorted, whatever the filter: an index has its order", arguments: [31])
        func indexes(_ seed: UInt64) async throws {
            try await withTemporaryPath { path in
                let file = try await HistoryFile.telling(try HistoryFileTests.story(seed), at: path)
                var filters = Self.filters([1, 2, 3, 4])
                filters.append(HistoryFilter([.failed], text: "order"))
                for filter in filters {
                    try await file.database.read { database in
                        let plan = try HistoryPlan(filter, after: nil, limit: 10) { try file.terms.number(of: $0, in: database) }
                        for query in plan?.queries ?? [] {
                            let steps = try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN \(query.sql)", arguments: query.arguments)
                                .map { $0["detail"] as String }
                            #expect(!steps.contains { $0.contains("TEMP B-TREE") }, "\(filter): \(steps)")
                            #expect(!steps.contains { $0 == "SCAN run" } || filter == HistoryFilter(), "\(filter): \(steps)")
                        }
                    }
                }
            }
        }

        struct Words: Sendable {
            let text: String
            let ids: [String]
        }

        @Test(
            "is searched for words in ids, messages and attributes",
            arguments: [
                Words(text: "refused", ids: ["order-2"]), Words(text: "CARD refused", ids: ["order-2"]), Words(text: "refus*", ids: []),
                Words(text: "order-2", ids: ["order-2"]),
                Words(text: "order", ids: ["order-3", "order-2", "order-1"]), Words(text: "ord*", ids: []),
                Words(text: "ord", ids: []), Words(text: "c-9", ids: ["order-1"]), Words(text: "customer order", ids: ["order-1"]),
                Words(text: "order refused completed", ids: []), Words(text: "\"", ids: []), Words(text: "-- *", ids: []),
                Words(text: "refused OR c", ids: []), Words(text: "order-1 NOT", ids: []), Words(text: "id:order-2 \"order\"", ids: []),
            ])
        func words(_ words: Words) async throws {
            var story = Story()
            story.complete("order-1", attributes: try RunAttributes(["customer": "c-9"]))
            story.fail("order-2", message: "The card \"4\" was refused.")
            story.tell("order-3", RunStarted(version: "1", state: "first", input: "1"))
            let told = story
            try await withTemporaryPath { path in
                let history = RunHistory(try await HistoryFile.telling(told, page: 1, at: path))
                #expect(try await history.runs(HistoryFilter(text: words.text)).runs.map(\.id) == words.ids)
            }
        }

        @Test("looks at so many runs a page, and says where it goes on, where few fit")
        func bounded() async throws {
            var story = Story()
            for run in 0..<12_000 { story.tell("r-\(run)", RunStarted(version: "1", state: run == 3 ? "rare" : "first", input: "1")) }
            let told = story
            try await withTemporaryPath { path in
                let history = RunHistory(try await HistoryFile.telling(told, page: 3_000, at: path))
                var filter = HistoryFilter(state: "rare")
                #expect(try await history.runs(filter).runs.map(\.id) == ["r-3"])
                filter.started = RunFilter.Period(from: 0)
                let first = try await history.runs(filter)
                #expect(first.runs.isEmpty)
                #expect(first.next != nil)
                let second = try await history.runs(filter, after: first.next)
                #expect(second.runs.map(\.id) == ["r-3"])
                #expect(second.next == nil)
            }
        }

        @Test("adds up: counts by workflow, version and status, and durations by state")
        func sums() async throws {
            var story = Story()
            for run in 1...20 { story.complete("a-\(run)", states: 1, taking: Int64(run) * 100 - 1) }
            for run in 1...3 { story.complete("b-\(run)", version: "2") }
            story.fail("c-1", workflow: "refunds")
            let told = story
            try await withTemporaryPath { path in
                let history = RunHistory(try await HistoryFile.telling(told, at: path))
                let summary = try await history.summary()
                #expect(summary.map(\.workflow) == ["orders", "orders", "refunds"])
                #expect(summary.map(\.version) == ["1", "2", "1"])
                #expect(summary.map(\.runs) == [[.completed: 20], [.completed: 3], [.failed: 1]])
                let states = try await history.stateDurations(workflow: "orders")
                #expect(states.map(\.state) == ["first", "state-0"])
                let first = try #require(states.first)
                #expect(first.count == 23)
                #expect(first.longest == .milliseconds(2_000))
                #expect(abs(first.p95.components.seconds * 1_000 - 1_900) <= 1_000)
                #expect(first.median < first.p95)
                #expect(try await history.stateDurations(workflow: "orders", period: RunFilter.Period(until: 3_600_000)).isEmpty)
                let all = RunFilter.Period(from: 1_795_478_400_000, until: 1_795_485_600_000)
                #expect(try await history.stateDurations(workflow: "orders", period: all) == states)
                #expect(try await history.stateDurations(workflow: "none").isEmpty)
            }
        }

        @Test("goes on from a cursor's text, and from no other")
        func cursors() {
            #expect(HistoryCursor("5.7")?.description == "5.7")
            for text in ["", "5", "5.", ".7", "5.7.9", "a.b"] { #expect(HistoryCursor(text) == nil) }
        }
    }
#endif
