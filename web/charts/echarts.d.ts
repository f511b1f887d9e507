declare module 'echarts/lib/i18n/langJA.js' {
  const words: object;
  export default words;
}
