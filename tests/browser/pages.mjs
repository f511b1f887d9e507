// One address of each kind of page, behind the language.
export const languages = ['ja', 'en'];

const everything = {
  home: '',
  list: 'facility',
  'narrowed list': 'organisation?sector=municipality&sort=-name',
  'empty list': 'organisation?sector=finance&kind=venture',
  'list in the past': 'hub?as_of=seq:1600',
  'value chain': 'value-chain',
  'value chain of a domain': 'value-chain?domain=bs2020-6&from=kawasaki',
  compare: 'compare?hub=kawasaki&hub=shonan&hub=kashiwanoha',
  'compare, nothing chosen': 'compare',
  'the region against others': 'compare/regions',
  completeness: 'about/completeness',
  editions: 'edition',
  'what changed since an edition': 'changes',
  'what changed between two': 'changes?from=2025&to=present&register=hub',
  'an edition without one before it': 'edition/2025/changes',
  map: 'map',
  'map of a part, all layers': 'map?layer=hub&layer=facility&layer=body&layer=venture&view=35.66,139.75,3',
  'map with nothing on it': 'map?layer=facility&kind=facility:data-platform',
  hub: 'hub/kawasaki',
  organisation: 'organisation/utokyo',
  figure: 'fact/population',
  event: 'event/bio-2025',
  history: 'hub/kawasaki/history',
  'organisation chart': 'about/organisation',
  'organisation chart on a day': 'about/organisation?on=2022-02-21',
  search: 'search?q=antibody',
  'search on a map': 'search?q=iPark&view=map',
  'empty search': 'search?q=qqqqzzzz',
  'similar records': 'search?like=hub/kawasaki',
  data: 'data',
  about: 'about',
  privacy: 'about/privacy',
  accessibility: 'about/accessibility',
  contact: 'contact?topic=partner',
  plan: 'plan',
  'what needs attention': 'plan/attention',
  'who does what': 'plan/matrix',
  'what is ours': 'plan/body/jba',
  roadmap: 'roadmap',
  meetings: 'plan/meetings',
  'ledger of investments': 'plan/investment',
  'papers of a meeting': 'plan/meeting/council-general-meeting-1',
  indicators: 'kpi',
  indicator: 'kpi/sales',
  'indicator without a definition of its parts': 'kpi/joint-research',
  'another definition of an indicator': 'kpi/sales/definition/sales.japan',
  missing: 'hub/nowhere',
};

// What a site that was published as files has of them (PUBLISHED=1): no answers to a query, no form, no other edition than its
// own, and nothing that answers for what is not there; but its own search, and files in place of some queries.
const needsServer = ([, address]) => address.includes('?') || address.startsWith('edition/') || address === 'hub/nowhere';
const all = process.env.PUBLISHED
  ? [...Object.entries(everything).filter((page) => !needsServer(page)), ['search in titles', 'search'],
    ['value chain of a domain, as a file', 'value-chain/-/domain/bs2020-6']]
  : Object.entries(everything);

// PAGES='map|hub' in the environment: only kinds of pages of such a name, while one works on them.
const wanted = new RegExp(process.env.PAGES ?? '');
export const pages = Object.fromEntries(all.filter(([name]) => wanted.test(name)));

// Of indicators that are computed, with a forecast: the community's own have no results to be computed from yet.
export const computed = Object.fromEntries(Object.entries({
  'computed indicator': 'kpi/sales',
  'how the number of a year was made': 'kpi/sales/year/2024',
}).filter(([name]) => !process.env.PUBLISHED && wanted.test(name)));
