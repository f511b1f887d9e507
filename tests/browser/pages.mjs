// One address of each kind of page, behind the language.
export const languages = ['ja', 'en'];

export const pages = {
  home: '',
  list: 'facility',
  'narrowed list': 'organisation?sector=municipality&sort=-name',
  'empty list': 'organisation?sector=finance&kind=venture',
  'list in the past': 'hub?as_of=seq:1600',
  hub: 'hub/kawasaki',
  organisation: 'organisation/utokyo',
  figure: 'fact/population',
  event: 'event/bio-2025',
  history: 'hub/kawasaki/history',
  'organisation chart': 'about/organisation',
  'organisation chart on a day': 'about/organisation?on=2022-02-21',
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
  missing: 'hub/nowhere',
};
