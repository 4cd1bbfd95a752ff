extension HTMLReport {
    /// The style sheet; it has no `<`, `>` or `&`, which HTML and XML read differently there.
    ///
    /// The colours of the lines are apart for the colour-blind (after Okabe and Ito, darker on light and lighter on
    /// dark); every text has a contrast of at least 4.5 to 1, every line and mark of 3 to 1.
    static let style = """
        :root {
            color-scheme: light dark;
            --paper: #fcfcfa; --ink: #1b1f23; --soft: #5a626b; --rule: #d9dcdf; --grid: #e8eaec; --axis: #8a929a;
            --track: #eceef0; --zone: #d3e6e2; --met: #00695c; --missed: #a83a00;
            --line0: #0b5cad; --line1: #b34700; --line2: #00755e; --line3: #8a3b8f; --line4: #7a6200; --line5: #4a5560;
        }
        @media screen and (prefers-color-scheme: dark) {
            :root {
                --paper: #14171a; --ink: #e6e8ea; --soft: #a3abb3; --rule: #343a40; --grid: #262b30; --axis: #78818a;
                --track: #23282d; --zone: #1d4640; --met: #4fc4b0; --missed: #ff9e66;
                --line0: #6cb4f5; --line1: #ff9e57; --line2: #45c9a5; --line3: #d9a0e0; --line4: #dcc35a;
                --line5: #b4bcc4;
            }
        }
        * { box-sizing: border-box; }
        body {
            margin: 0; background: var(--paper); color: var(--ink);
            font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
            font-variant-numeric: tabular-nums lining-nums; -webkit-text-size-adjust: 100%;
        }
        main { max-width: 66rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
        h1 { margin: 0 0 0.75rem; font-size: 2.25rem; font-weight: 600; line-height: 1.15; letter-spacing: -0.015em; }
        h1, .lead { text-wrap: balance; }
        h2 {
            margin: 3.5rem 0 0; padding-bottom: 0.5rem; border-bottom: 2px solid var(--ink);
            font-size: 1.125rem; font-weight: 600;
        }
        h3 { margin: 0; font-size: 1rem; font-weight: 600; }
        p { margin: 0; }
        .over { margin-bottom: 0.5rem; color: var(--soft); font-size: 0.875rem; }
        .lead { max-width: 44rem; color: var(--soft); }
        .note { margin-top: 0.75rem; color: var(--soft); font-size: 0.8125rem; }
        dl {
            display: flex; flex-wrap: wrap; gap: 0.75rem 2.5rem;
            margin: 1.75rem 0 0; padding-top: 1rem; border-top: 1px solid var(--rule);
        }
        dt { color: var(--soft); font-size: 0.8125rem; }
        dd { margin: 0; font-size: 0.9375rem; overflow-wrap: anywhere; }
        table { width: 100%; border-collapse: collapse; }
        th, td { padding: 0.9rem 0.75rem; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
        th:first-child, td:first-child { padding-left: 0; }
        th:last-child, td:last-child { padding-right: 0; }
        thead th {
            padding-top: 0.6rem; padding-bottom: 0.6rem; color: var(--soft); font-size: 0.8125rem; font-weight: 400;
            white-space: nowrap;
        }
        th.what { font-weight: 400; }
        .title { display: block; font-weight: 600; }
        .words { display: block; margin-top: 0.1rem; max-width: 34rem; color: var(--soft); font-size: 0.875rem; line-height: 1.45; }
        .unit { display: block; margin-top: 0.3rem; color: var(--soft); font-size: 0.8125rem; }
        code { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 0.95em; }
        th.number, td.number { text-align: right; white-space: nowrap; }
        .aim .words { white-space: nowrap; }
        .verdict { white-space: nowrap; }
        .verdict .met, .verdict .missed { display: inline-flex; align-items: center; gap: 0.4rem; font-weight: 600; }
        .verdict svg { width: 1.125rem; height: 1.125rem; flex: none; }
        .met { color: var(--met); }
        .missed { color: var(--missed); }
        .sign { fill: none; stroke: var(--paper); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
        .met .body { fill: currentColor; }
        .missed .body { fill: none; stroke: currentColor; stroke-width: 1.6; }
        .missed .sign { stroke: currentColor; stroke-width: 1.8; }
        .gauge { display: block; width: 150px; height: 16px; margin: 0.25rem 0; }
        .track { fill: var(--track); }
        .zone { fill: var(--zone); }
        .reach { fill: currentColor; }
        .target { fill: var(--ink); stroke: var(--paper); paint-order: stroke; }
        .more { fill: var(--paper); }
        .charts {
            display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 2.5rem 3rem;
            margin-top: 1.5rem;
        }
        figure { display: flex; flex-direction: column; margin: 0; max-width: 34rem; }
        figcaption p { color: var(--soft); font-size: 0.875rem; line-height: 1.45; }
        .legend {
            display: flex; flex-wrap: wrap; gap: 0.2rem 1.25rem; margin: 0.6rem 0 0; padding: 0; list-style: none;
            font-size: 0.8125rem;
        }
        .legend li { display: flex; align-items: center; gap: 0.45rem; }
        .sample { flex: none; }
        .plot { display: block; width: 100%; height: auto; margin-top: auto; padding-top: 0.75rem; overflow: visible; }
        .plot text { fill: var(--soft); font-size: 12px; }
        .plot .name { fill: var(--ink); }
        .grid { stroke: var(--grid); }
        .axis { stroke: var(--axis); }
        .stroke { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        .mark { fill: var(--c); stroke: var(--paper); stroke-width: 1; }
        .bar { fill: var(--c); stroke: var(--paper); stroke-width: 0.5; }
        .sheer { fill-opacity: 0.3; stroke: none; }
        .outline { fill: none; stroke: var(--c); stroke-width: 1.5; }
        .line0 { --c: var(--line0); }
        .line1 { --c: var(--line1); }
        .line2 { --c: var(--line2); }
        .line3 { --c: var(--line3); }
        .line4 { --c: var(--line4); }
        .line5 { --c: var(--line5); }
        .line1 .stroke { stroke-dasharray: 8 4; }
        .line2 .stroke { stroke-dasharray: 2 4; }
        .line3 .stroke { stroke-dasharray: 10 4 2 4; }
        .line4 .stroke { stroke-dasharray: 5 3; }
        .line5 .stroke { stroke-dasharray: 12 3; }
        .empty { margin-top: 1rem; padding: 2.5rem 0; border: 1px solid var(--rule); text-align: center; }
        .empty { color: var(--soft); font-size: 0.875rem; }
        @media screen and (max-width: 52rem) {
            main { padding: 2rem 1rem 3rem; }
            h1 { font-size: 1.75rem; }
            table, tbody { display: block; }
            thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
            tr {
                display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.6rem 1rem;
                padding: 1rem 0; border-bottom: 1px solid var(--rule);
            }
            th, td { padding: 0; border: 0; }
            th.what { grid-column: 1 / -1; }
            td.number { text-align: left; font-weight: 600; }
            td.number::before {
                content: attr(data-label); display: block; color: var(--soft); font-size: 0.8125rem; font-weight: 400;
            }
            td.aim { grid-column: 1 / 3; }
            td.verdict { align-self: center; }
        }
        @media print {
            @page { margin: 15mm; }
            html { font-size: 8.5pt; }
            :root { --paper: #ffffff; }
            body { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
            main { max-width: none; padding: 0; }
            tr, figure, header, .charts { break-inside: avoid; }
            h2 { break-after: avoid; margin-top: 2rem; }
            th, td { padding-top: 0.6rem; padding-bottom: 0.6rem; }
            .words { max-width: none; }
            .gauge { width: 100px; height: 11px; }
            .charts { grid-template-columns: 1fr 1fr; gap: 1.5rem 2rem; }
        }
        """
}
