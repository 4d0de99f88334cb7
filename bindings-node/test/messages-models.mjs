// What models of the Messages API take. Input: a request. Output: what its model takes. State: none.

/** By names of models, the first that matches: what a model takes. `hasSystem`: a message of that role in between. */
const MODELS = [
  [/^claude-3-7/, { thinking: ['enabled'], efforts: [], sampling: 'all', most: 64_000, hasSystem: false }],
  [/^claude-3/, { thinking: [], efforts: [], sampling: 'all', most: 8192, hasSystem: false }],
  [/^claude-opus-4-5/, { thinking: ['enabled'], efforts: ['low', 'medium', 'high'], sampling: 'one', most: 64_000, hasSystem: false }],
  [/^claude-(opus|sonnet)-4-6/, { thinking: ['enabled', 'adaptive'], sampling: 'one', hasSystem: false }],
  [/^claude-opus-4-7/, { thinking: ['adaptive'], sampling: 'none', hasSystem: false }],
  [/^claude-opus-4-8/, { thinking: ['adaptive'], sampling: 'none' }],
  [/^claude-(opus|sonnet|haiku)-4/, { thinking: ['enabled'], efforts: [], sampling: 'one', most: 64_000, hasSystem: false }],
  [/^claude-/, { thinking: ['adaptive', 'between_tools'], sampling: 'none' }],
  [/^/, { thinking: ['enabled', 'adaptive', 'between_tools'], sampling: 'all' }],
];
export const EFFORTS = ['low', 'medium', 'high', 'xhigh', 'max'];

export function modelOf({ model }) {
  const [, known] = MODELS.find(([names]) => names.test(model));
  return { efforts: EFFORTS, most: 128_000, hasSystem: true, ...known };
}
